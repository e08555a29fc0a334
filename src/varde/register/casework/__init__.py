"""Cases: what `varde.cases` makes of all evidence about a person, worked out anew whenever that changes.

In: the persons whose reports changed. Out: `register_case`, in the caller's transaction; cases by number; what a
re-classification changed.

- `beginning`: which reports may begin a case; nobody else's evidence is looked at.
- `pieces`: pieces of evidence, of whom, and stated by which reports.
- `findings`: findings as evidence. What two laboratories report is one piece.
- `evidence`: the evidence of some persons, read in a few statements.
- `drafts`: a case as a row.
- `numbers`: the numbers that cases are known by.
- `changes`: the outbox of cases that became others.
- `current`: cases as they are now, with what is needed to tell others of them.
- `work`: some persons worked out, and what changed written.
- `everybody`: all persons at once: a re-classification, and the end of a replay.
- `questions`: cases for whoever asks.
"""
