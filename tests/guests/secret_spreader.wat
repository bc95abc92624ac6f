;; Spreads the 32-byte secret that it reads from stdin over everything that a function can
;; reach, for tests that look for remains after a rewind. Then it ends as the mode letter says:
;; byte 33 of the input, or else the first letter of the last argument, or else f.
;;
;;   f  finishes      t  traps (unreachable)      l  loops until it is aborted
;;   r  recurses, with the secret in every frame, until the stack is exhausted
;;
;; Look for each of the secret's four 8-byte words: native stack and registers keep no order.
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))

  ;; 0 iovec, 8 results, 64 secret and mode, 4096 data, 0x10000 shadow stack's end,
  ;; 0x20000 argument pointers, 0x40000 arguments
  (memory (export "memory") 8)
  (data (i32.const 4096) "initialised data that a secret will overwrite, 64 bytes of it...")
  (table $marks 256 funcref)
  (elem declare func $nothing)
  (global $w0 (mut i64) (i64.const 0))
  (global $w1 (mut i64) (i64.const 0))
  (global $w2 (mut i64) (i64.const 0))
  (global $w3 (mut i64) (i64.const 0))
  (global $v0 (mut f64) (f64.const 0))
  (global $v1 (mut f64) (f64.const 0))
  (global $v2 (mut f64) (f64.const 0))
  (global $v3 (mut f64) (f64.const 0))

  (func $nothing)

  (func $read_secret (result i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 33))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))

  (func $mode (param $input_bytes i32) (result i32)
    (local $count i32)
    (if (i32.gt_u (local.get $input_bytes) (i32.const 32))
      (then (return (i32.load8_u (i32.const 96)))))
    (drop (call $args_sizes_get (i32.const 8) (i32.const 12)))
    (local.set $count (i32.load (i32.const 8)))
    (if (i32.lt_u (local.get $count) (i32.const 2))
      (then (return (i32.const 0x66))))
    (drop (call $args_get (i32.const 0x20000) (i32.const 0x40000)))
    (i32.load8_u (i32.load (i32.add
      (i32.const 0x20000)
      (i32.shl (i32.sub (local.get $count) (i32.const 1)) (i32.const 2))))))

  (func $write_secret (param $fd i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 32))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $to_globals
    (global.set $w0 (i64.load (i32.const 64)))
    (global.set $w1 (i64.load (i32.const 72)))
    (global.set $w2 (i64.load (i32.const 80)))
    (global.set $w3 (i64.load (i32.const 88)))
    (global.set $v0 (f64.load (i32.const 64)))
    (global.set $v1 (f64.load (i32.const 72)))
    (global.set $v2 (f64.load (i32.const 80)))
    (global.set $v3 (f64.load (i32.const 88))))

  ;; Which elements are not null tells which bytes the secret has.
  (func $to_table
    (local $i i32)
    (loop $next
      (table.set $marks (i32.load8_u offset=64 (local.get $i)) (ref.func $nothing))
      (br_if $next (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 32)))))

  ;; Initialised data, the shadow stack, and a heap of four fresh pages.
  (func $to_memory
    (local $at i32)
    (local $end i32)
    (memory.copy (i32.const 4096) (i32.const 64) (i32.const 32))
    (memory.copy (i32.const 4128) (i32.const 64) (i32.const 32))
    (local.set $at (i32.const 0x10000))
    (loop $frame
      (local.set $at (i32.sub (local.get $at) (i32.const 256)))
      (memory.copy (local.get $at) (i32.const 64) (i32.const 32))
      (br_if $frame (i32.gt_u (local.get $at) (i32.const 0x8000))))
    (local.set $at (i32.shl (memory.grow (i32.const 4)) (i32.const 16)))
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (loop $block
      (memory.copy (local.get $at) (i32.const 64) (i32.const 32))
      (br_if $block (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4096)))
        (local.get $end)))))

  ;; Native stack: each word is needed on its own after the call, so each frame keeps all four.
  ;; The rotations keep compilers from combining words before it or making a loop of it.
  (func $to_stack (param $depth i32) (param $a i64) (param $b i64) (param $c i64) (param $d i64)
    (result i64)
    (local $r i64)
    (if (i32.eqz (local.get $depth)) (then (return (i64.const 0))))
    (local.set $r (call $to_stack (i32.sub (local.get $depth) (i32.const 1))
      (local.get $a) (local.get $b) (local.get $c) (local.get $d)))
    (local.set $r (i64.rotl (i64.xor (local.get $r) (local.get $a)) (i64.const 1)))
    (local.set $r (i64.rotl (i64.add (local.get $r) (local.get $b)) (i64.const 3)))
    (local.set $r (i64.rotl (i64.xor (local.get $r) (local.get $c)) (i64.const 5)))
    (i64.add (local.get $r) (local.get $d)))

  ;; The same in floating point: no vector register survives a call, so each frame spills.
  (func $to_stack_vector (param $depth i32) (param $a f64) (param $b f64) (param $c f64)
    (param $d f64) (result f64)
    (if (i32.eqz (local.get $depth)) (then (return (f64.const 0))))
    (f64.mul
      (f64.add
        (call $to_stack_vector (i32.sub (local.get $depth) (i32.const 1))
          (local.get $a) (local.get $b) (local.get $c) (local.get $d))
        (f64.add (local.get $a) (local.get $b)))
      (f64.sub (local.get $c) (local.get $d))))

  ;; Registers: twelve values that stay live around a loop which may, for all that a compiler
  ;; knows, exchange them at any turn (it never does: the byte at 32 is 0).
  (func $to_registers (param $turns i64)
    (local $a i64) (local $b i64) (local $c i64) (local $d i64) (local $i i64)
    (local $w f64) (local $x f64) (local $y f64) (local $z f64) (local $f f64)
    (local $p f32) (local $q f32) (local $r f32) (local $s f32) (local $g f32)
    (local.set $a (i64.load (i32.const 64)))
    (local.set $b (i64.load (i32.const 72)))
    (local.set $c (i64.load (i32.const 80)))
    (local.set $d (i64.load (i32.const 88)))
    (local.set $w (f64.load (i32.const 64)))
    (local.set $x (f64.load (i32.const 72)))
    (local.set $y (f64.load (i32.const 80)))
    (local.set $z (f64.load (i32.const 88)))
    (local.set $p (f32.load (i32.const 64)))
    (local.set $q (f32.load (i32.const 68)))
    (local.set $r (f32.load (i32.const 72)))
    (local.set $s (f32.load (i32.const 76)))
    (loop $turn
      (if (i32.load8_u (i32.const 32))
        (then
          (local.set $i (local.get $a))
          (local.set $a (local.get $b))
          (local.set $b (local.get $c))
          (local.set $c (local.get $d))
          (local.set $d (local.get $i))
          (local.set $f (local.get $w))
          (local.set $w (local.get $x))
          (local.set $x (local.get $y))
          (local.set $y (local.get $z))
          (local.set $z (local.get $f))
          (local.set $g (local.get $p))
          (local.set $p (local.get $q))
          (local.set $q (local.get $r))
          (local.set $r (local.get $s))
          (local.set $s (local.get $g))))
      (br_if $turn (i64.ne
        (local.tee $turns (i64.sub (local.get $turns) (i64.const 1)))
        (i64.const 0))))
    (i64.store (i32.const 128) (local.get $a))
    (i64.store (i32.const 136) (local.get $b))
    (i64.store (i32.const 144) (local.get $c))
    (i64.store (i32.const 152) (local.get $d))
    (f64.store (i32.const 160) (local.get $w))
    (f64.store (i32.const 168) (local.get $x))
    (f64.store (i32.const 176) (local.get $y))
    (f64.store (i32.const 184) (local.get $z))
    (f32.store (i32.const 192) (local.get $p))
    (f32.store (i32.const 196) (local.get $q))
    (f32.store (i32.const 200) (local.get $r))
    (f32.store (i32.const 204) (local.get $s)))

  (func (export "_start")
    (local $mode i32)
    (local.set $mode (call $mode (call $read_secret)))
    (call $write_secret (i32.const 1))
    (call $write_secret (i32.const 2))
    (call $to_globals)
    (call $to_table)
    (call $to_memory)
    (i64.store (i32.const 208) (call $to_stack (i32.const 500)
      (global.get $w0) (global.get $w1) (global.get $w2) (global.get $w3)))
    (f64.store (i32.const 216) (call $to_stack_vector (i32.const 500)
      (global.get $v0) (global.get $v1) (global.get $v2) (global.get $v3)))
    (if (i32.eq (local.get $mode) (i32.const 0x72))
      (then (i64.store (i32.const 208) (call $to_stack (i32.const -1)
        (global.get $w0) (global.get $w1) (global.get $w2) (global.get $w3)))))
    (if (i32.eq (local.get $mode) (i32.const 0x6c))
      (then (call $to_registers (i64.const 0))))
    (call $to_registers (i64.const 1000))
    (if (i32.eq (local.get $mode) (i32.const 0x74))
      (then unreachable))))
