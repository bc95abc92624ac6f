;; A command that does nothing: what an invocation costs at least.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
