"""Rules: load, bind, evaluate, examples, documentation pages, scaffold."""
