;; Traps in the way that the first letter of the input says; otherwise prints "no trap".
;;
;;   u  unreachable                     m  load beyond linear memory
;;   d  integer divide by zero          f  memory.fill beyond linear memory
;;   o  integer overflow (INT_MIN/-1)   t  table.init beyond the table
;;   c  conversion of NaN to integer    e  indirect call of an undefined element
;;   v  conversion out of range         n  indirect call of a null element
;;   s  call stack exhausted            y  indirect call with the wrong type
;;   w  store with a large offset       l  dead load: its value is dropped
(module
  (type $none (func))
  (type $number (func (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (elem (i32.const 0) $nothing)
  (elem $passive func $nothing $nothing)
  (data (i32.const 64) "no trap\n")
  (global $zero (mut i32) (i32.const 0))
  (func $nothing)
  (func $recurse (param i32) (result i32)
    (i32.xor
      (i32.rotl (call $recurse (i32.add (local.get 0) (i32.const 1))) (i32.const 1))
      (local.get 0)))
  (func $is (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (i32.const 32)) (local.get $letter)))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (if (call $is (i32.const 0x75)) (then unreachable))
    (if (call $is (i32.const 0x64))
      (then (global.set $zero (i32.div_s (i32.const 1) (global.get $zero)))))
    (if (call $is (i32.const 0x6f))
      (then (global.set $zero
        (i32.div_s (i32.const 0x80000000) (i32.sub (global.get $zero) (i32.const 1))))))
    (if (call $is (i32.const 0x63))
      (then (global.set $zero (i32.trunc_f64_s
        (f64.div (f64.convert_i32_s (global.get $zero)) (f64.convert_i32_s (global.get $zero)))))))
    (if (call $is (i32.const 0x76))
      (then (global.set $zero
        (i32.trunc_f64_s (f64.add (f64.convert_i32_s (global.get $zero)) (f64.const 1e20))))))
    (if (call $is (i32.const 0x73))
      (then (global.set $zero (call $recurse (i32.const 0)))))
    (if (call $is (i32.const 0x6d))
      (then (global.set $zero (i32.load (i32.const 65533)))))
    (if (call $is (i32.const 0x6c))
      (then (drop (i32.load (i32.const 65536)))))
    (if (call $is (i32.const 0x77))
      (then (i32.store offset=0xffffffff (global.get $zero) (i32.const 1))))
    (if (call $is (i32.const 0x66))
      (then (memory.fill (i32.const 65530) (i32.const 1) (i32.const 7))))
    (if (call $is (i32.const 0x74))
      (then (table.init $passive (i32.const 3) (i32.const 0) (i32.const 2))))
    (if (call $is (i32.const 0x65))
      (then (call_indirect (type $none) (i32.const 4))))
    (if (call $is (i32.const 0x6e))
      (then (call_indirect (type $none) (i32.const 1))))
    (if (call $is (i32.const 0x79))
      (then (drop (call_indirect (type $number) (i32.const 0)))))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
