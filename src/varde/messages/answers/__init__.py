"""What the answers to analyses say, alike in every format.

`said` reads one answer in words (`cutting` into `statements`, each judged by `words` and `known_names`); `searches` says
what an analysis looked for; `found` puts the two together: a finding, something that a person must look at, or nothing;
`one_isolate` leaves to an isolate what is said of it twice.
"""
