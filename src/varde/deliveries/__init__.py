"""What is delivered in bulk: files of prescribing, kept sealed; accepted rows as columns, rejected ones with reasons."""
