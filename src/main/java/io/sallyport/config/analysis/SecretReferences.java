package io.sallyport.config.analysis;

import io.sallyport.config.index.CredentialReferences;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;

/// Credentials that are named must be there (IST0101 for credentials). What is in them is judged where they are loaded.
final class SecretReferences implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        CredentialReferences.forEach(
                context.index(), (owner, name, _, field, at) -> check(context, owner, name, field, at));
    }

    private static void check(
            AnalysisContext context, ResourceMeta owner, String credentialName, String field, Position at) {
        SecretLookup secrets = context.options().secrets();
        if (!secrets.exists(owner.namespace(), credentialName)) {
            String message = owner + " names the secret " + Quote.of(credentialName) + ", which is not there";
            String hint = context.didYouMean(
                    credentialName, secrets.names(), "put it into the secrets directory as " + credentialName + "/");
            context.report(ProblemCode.UNKNOWN_SECRET, at, field, message, hint);
        }
    }
}
