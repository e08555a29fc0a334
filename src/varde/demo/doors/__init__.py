"""Every kind handed in by every door at once, while the processes are killed and started again.

`processes` and `senders` are the real service and those who hand in to it, which tests and benchmarks use
too; `invented` says what is handed in and the truth behind it, `handing_in` hands it in, `browser` fills in
forms, `counting` reads the register, and `showing` does all of it.
"""
