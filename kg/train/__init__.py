"""Training: from annotated papers to the weights that the pipeline ships. Only this needs torch and transformers."""
