"""Does the feedback do it? Methods and controls on the same feedback with the real base model, in one table."""
