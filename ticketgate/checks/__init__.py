"""One try for each part that the settings name: what was tried, and how to mend what is wrong.

Here belongs: for each part one coroutine that takes the settings and answers a `Finding`; it may raise Away or
BadSetting instead. A try changes nothing that stays. Not here: in which order they are shown, and how long each may
take; that is `ticketgate/check.py`.
"""
