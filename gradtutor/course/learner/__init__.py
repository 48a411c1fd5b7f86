"""A learner's side: the log of progress, the files, what is told of an answer."""
