"""Who is the same person, worked out anew whenever a description comes or goes.

In: how reports describe whom they are about; what people have decided; known changes of number. Out: the person of each
report, and the questions that a person must be asked. A function of the set of descriptions in current reports, of
decisions and of changes: no order counts, and a replay gives the same.

- `describing`: what a statement says of somebody, as it is linked and sealed.
- `knowledge`: the vault, keyed hashes, and what is in memory of both.
- `nodes`: descriptions by their hashes, and their blocking keys.
- `links`: which nodes may be of one person.
- `components`, `clustering`: what hangs together, put into persons and questions by `varde.linkage.clusters`.
- `arranging`: what changes by it is written.
- `placing`: the part of the fold.
- `rulings`, `stored_changes`: what people have decided, and changes of number, as they are kept.
"""
