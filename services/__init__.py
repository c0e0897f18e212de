"""The verbs, one module per noun. One method is one short transaction and returns frozen values."""
