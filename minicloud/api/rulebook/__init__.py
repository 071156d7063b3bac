"""The policy's rules: the files that override them, what is wrong there, and their verdicts."""
