;; A good function on a hostile runtime. It reads an order (orders.h) from its input, passes its
;; address to fd_seek, and writes a struct answer: the result, and what it computed from the
;; order before the call, to show that it was not disturbed.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  ;; 0 iovec, 64 order, 512 answer; the rest is for the runtime to spoil
  (memory (export "memory") 2)
  (func $word (param $n i32) (result i64)
    (i64.load offset=64 (i32.shl (local.get $n) (i32.const 3))))
  (func (export "_start")
    (local $k i64) (local $a i64) (local $b i64) (local $c i64) (local $d i64) (local $e i64)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 96))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (local.set $k (i64.add (i64.mul (call $word (i32.const 0)) (i64.const 0x9e3779b97f4a7c15))
                           (i64.const 1)))
    (local.set $a (i64.mul (call $word (i32.const 1)) (i64.const 3)))
    (local.set $b (i64.add (call $word (i32.const 2)) (i64.const 0x123456789abcdef)))
    (local.set $c (i64.add (i64.mul (call $word (i32.const 3)) (i64.const 5)) (i64.const 7)))
    (local.set $d (i64.mul (call $word (i32.const 4)) (i64.const 11)))
    (local.set $e (i64.add (call $word (i32.const 5))
                           (i64.mul (call $word (i32.const 6)) (i64.const 13))))
    ;; leaves something of its own in vector registers
    (f64.store (i32.const 680) (f64.add (f64.convert_i64_s (call $word (i32.const 1)))
                                        (f64.const 1.5)))
    (i64.store (i32.const 512) (i64.extend_i32_u
      (call $fd_seek (i32.const 0x7fffffff) (i64.const 64) (i32.const 0) (i32.const 528))))
    (i64.store (i32.const 520)
      (i64.xor (local.get $k) (i64.xor (local.get $a) (i64.xor (local.get $b)
        (i64.xor (local.get $c) (i64.xor (local.get $d) (local.get $e)))))))
    (i32.store (i32.const 0) (i32.const 512))
    (i32.store (i32.const 4) (i32.const 144))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
