"""The commands: each reads its options, runs the pipe, prints what the report says and answers with a status."""
