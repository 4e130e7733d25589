"""The operator's pages: uploads, corrections, publishing and rollback; accounts, audit log, notice and off switch."""
