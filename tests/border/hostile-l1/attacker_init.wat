;; A function whose initialisation gives its hostile runtime an order (orders.h), while S1 comes
;; into being. There is no input yet: the test writes the order over this data before it loads the
;; bundle. fd_seek's answer goes to 512, the order's result behind it.
(module
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "[here the test puts its order to the runtime, a struct order of]"
                       "[ninety-six bytes in all, ok???]")
  (func (export "_initialize")
    (i64.store (i32.const 512) (i64.extend_i32_u
      (call $fd_seek (i32.const 0x7fffffff) (i64.const 64) (i32.const 0) (i32.const 528)))))
  (func (export "handle") (result i32) (i32.const 0)))
