"""Which style sheets a shell is made of, in order. Standard library only: the build reads it before Django stands."""

COMMON = ("fonts", "tokens", "base", "parts", "forms", "case", "shell")
SHEETS = {"citizen": (*COMMON, "app"), "desk": (*COMMON, "desk")}
