"""The domain: values and rules. No files, no SQL, no HTTP, no clock and no unseeded chance."""
