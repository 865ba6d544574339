"""
Which questions are still open, in the order of the deadlines that need them, and how their answers come in.

`contents.py` reads what notices are made of, `questions.py` decides what to ask, `answers.py` understands a reply,
`form.py` writes and reads a file to fill, `interview.py` leads the talk, `edpb.py` proves that no field is forgotten.
"""
