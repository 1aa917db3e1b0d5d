"""Actions: one function, one verb, one transaction. The order of steps, who and when; used by web and cli alike."""
