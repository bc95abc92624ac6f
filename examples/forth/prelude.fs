\ Number theory with tables: what is evaluated once, before the snapshot.
\ Values are below 4194304; two tables of 16 MiB and the list of primes.

: ? ( address -- ) @ . ;
: cr 10 emit ;
: space 32 emit ;
: <= ( a b -- flag ) > 0= ;
: >= ( a b -- flag ) < 0= ;
: 2* ( n -- n ) 1 lshift ;
: within ( n low high -- flag ) over - >r - r> u< ;
: *mod ( a b m -- a*b mod m ) */mod drop ;
: gcd ( a b -- n ) begin dup while swap over mod repeat drop ;

4194304 constant limit
: in-table ( n -- n ) dup 1 limit within 0= if ." out of the table " 0 0 / then ;

\ ---- least prime factors, by a sieve ------------------------------------------

create factors limit cells allot
: factor-cell ( n -- address ) cells factors + ;
\ From the square on, odd multiples only; the first prime to come keeps the number.
: claim-multiples ( p -- )
    limit over dup * ?do
        i cells factors + dup @ if drop else over swap ! then
    dup 2* +loop drop ;
: sieve
    2049 3 do i factor-cell @ 0= if i claim-multiples then 2 +loop
    limit 2 do 2 i cells factors + ! 2 +loop
    limit 1 do i cells factors + dup @ if drop else i swap ! then 2 +loop ;
sieve

: least-factor ( n -- p ) in-table factor-cell @ ;
: prime? ( n -- flag ) dup 1 > if dup least-factor = else drop 0 then ;

\ ---- the list of primes ---------------------------------------------------------

: list-primes limit 2 do i factor-cell @ i = if i , then loop ;
create primes list-primes
here primes - 4 / constant prime-count

: nth-prime ( n -- p ) 1- cells primes + @ ;
\ Binary search: low primes are below n, high ones are not.
: primes-below ( n -- count )
    0 prime-count begin 2dup < while
        2dup + 1 rshift ( n low high middle )
        dup cells primes + @ 4 pick < if 1+ rot drop swap else nip then
    repeat drop nip ;

\ ---- Euler's totient, from smaller ones -------------------------------------------

create totients limit cells allot
: totient-cell ( n -- address ) cells totients + ;
\ totient(p m) is totient(m) times p if p divides m, else times p - 1.
: derive ( n -- totient )
    dup factor-cell @ 2dup / ( n p m )
    dup cells totients + @ rot rot ( n totient p m )
    over mod if 1- then * nip ;
: fill-totients 1 1 totient-cell ! limit 2 do i derive i cells totients + ! loop ;
fill-totients

: totient ( n -- n ) in-table totient-cell @ ;

\ ---- what programs use -------------------------------------------------------------

: factor. ( n -- ) begin dup 1 > while dup least-factor dup . / repeat drop ;
: divisors ( n -- count )
    1 swap begin dup 1 > while ( count n )
        dup least-factor 1 >r ( count n p )
        begin swap over / swap r> 1+ >r 2dup mod until ( count n p )
        drop swap r> * swap
    repeat drop ;
: power-mod ( base exponent m -- n )
    >r 1 rot rot ( result base exponent )
    begin dup while
        dup 1 and if rot 2 pick r@ *mod rot rot then
        swap dup r@ *mod swap 1 rshift
    repeat 2drop r> mod ;
: goldbach. ( even -- ) dup begin 1- dup prime? if 2dup - prime? else 0 then until dup . - . ;
