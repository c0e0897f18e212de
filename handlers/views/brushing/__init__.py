"""What people read of brushing (R28, R29): `found` puts what the detector found into words, `cases` are screens of the
desk, `case_picture` is what a case's picture shows, and `appeals` what the shop is told."""
