// A target needs a source; this one's are the headers that it compiles for all tests.
