package io.sallyport.config.analysis;

/// One check across resources.
interface Analyzer {
    void analyze(AnalysisContext context);
}
