"""Mail in: the listener that takes it by SMTP and LMTP, the journal that keeps it, the intake that has it filed.

Here belongs: the wire protocol, what is answered to a recipient and after DATA, the durable journal, and the process
that reads the journal. Not here: what a mail means (`letters`) and what becomes of it (`desk`). The listener's files
import neither fastapi, celery, tortoise nor jinja2: it starts at once, stays small and speaks asyncpg.
"""
