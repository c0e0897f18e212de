"""Operations: scheduler, metrics, logs and traces, backups, locks."""
