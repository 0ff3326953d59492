/// Tokens: JSON Web Tokens of requests, found, verified and read.
///
/// [io.sallyport.jwt.TokenRules] are the rules of RequestAuthentications that apply to one thing. They find tokens in a
/// [io.sallyport.jwt.TokenCarrier] and verify them with a [io.sallyport.jwt.KeySet]; what then counts are the
/// [io.sallyport.jwt.Claims]. Keys and signatures are jose4j's, JSON is Jackson's; where tokens are, and which keys and
/// claims they
/// must have, is decided here.
@NullMarked
package io.sallyport.jwt;

import org.jspecify.annotations.NullMarked;
