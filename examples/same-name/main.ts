// Are these two the same person? Compares names without showing either list to the host: lower case,
// accents off, then the Levenshtein distance.
//
//   {"a": "Müller, Jörg", "b": "Mueller Jorg"}  ->  {"distance":1,"similarity":0.91,"same":true}
//
// AssemblyScript, with three functions of WASI declared by hand; no packages (see build.mk).

@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, iovs: usize, count: i32, read: usize): i32
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, iovs: usize, count: i32, written: usize): i32
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void

// What the compiler calls when an assertion or an index fails.
export function abort(message: usize, file: usize, line: u32, column: u32): void {
  proc_exit(1)
}

const vector = memory.data(8)   // one iovec: address, length
const count = memory.data(4)
const LIMIT = 1 << 16           // bytes of input

function readAll(): string {
  const buffer = new ArrayBuffer(LIMIT)
  let used: i32 = 0
  while (used < LIMIT) {
    store<usize>(vector, changetype<usize>(buffer) + used)
    store<i32>(vector, LIMIT - used, 4)
    if (fd_read(0, vector, 1, count) != 0 || load<i32>(count) == 0) break
    used += load<i32>(count)
  }
  return String.UTF8.decodeUnsafe(changetype<usize>(buffer), used)
}

function print(line: string): void {
  const bytes = String.UTF8.encode(line + "\n")
  store<usize>(vector, changetype<usize>(bytes))
  store<i32>(vector, bytes.byteLength, 4)
  fd_write(1, vector, 1, count)
}

// The string that follows "key": in a flat JSON object; null: none. \uXXXX is left as it is.
function field(document: string, key: string): string | null {
  let at = document.indexOf('"' + key + '"')
  if (at < 0) return null
  at = document.indexOf(":", at + key.length + 2)
  if (at < 0) return null
  at = document.indexOf('"', at)
  if (at < 0) return null
  const end = document.indexOf('"', at + 1)
  return end < 0 ? null : document.substring(at + 1, end)
}

const FROM = "äáàâãåçéèêëíìîïñöóòôõøüúùûýß"
const TO = "aaaaaaceeeeiiiinoooooouuuuys"

// Letters only, lower case, without accents.
function plain(name: string): string {
  const lower = name.toLowerCase()
  let out = ""
  for (let i = 0; i < lower.length; i++) {
    const letter = lower.charAt(i)
    const accent = FROM.indexOf(letter)
    if (accent >= 0) out += TO.charAt(accent)
    else if (letter >= "a" && letter <= "z") out += letter
  }
  return out
}

function distance(a: string, b: string): i32 {
  let row = new Array<i32>(b.length + 1)
  for (let j = 0; j <= b.length; j++) row[j] = j
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]
      const change = diagonal + (a.charCodeAt(i - 1) == b.charCodeAt(j - 1) ? 0 : 1)
      row[j] = min(change, min(above, row[j - 1]) + 1)
      diagonal = above
    }
  }
  return row[b.length]
}

export function _start(): void {
  const document = readAll()
  const first = field(document, "a")
  const second = field(document, "b")
  if (first === null || second === null) {
    print('{"error":"a and b must be names"}')
    return
  }
  const a = plain(first)
  const b = plain(second)
  const steps = distance(a, b)
  const longest = max(max(a.length, b.length), 1)
  const percent = 100 - (100 * steps + longest / 2) / longest
  const fraction = percent < 10 ? "0" + percent.toString() : percent.toString()
  const similarity = percent == 100 ? "1" : "0." + fraction
  print('{"distance":' + steps.toString() + ',"similarity":' + similarity + ',"same":' + (percent >= 80 ? "true" : "false") + "}")
}
