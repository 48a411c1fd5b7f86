"""Networks of bare arrays, without a library's layers: classes, and lines in a loop."""
