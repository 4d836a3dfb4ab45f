import Glibc
import Timeline

/// What the kernel says of a process: CPU time and memory.
struct ServerProcess: Sendable {
    let pid: pid_t

    /// User and system time of all threads, utime + stime of `/proc/<pid>/stat`, read from the process's CPU clock because that
    /// counts nanoseconds and the file only hundredths of a second.
    func cpuNanoseconds() throws(BenchFailure) -> Int64 {
        var clock = clockid_t()
        let status = clock_getcpuclockid(self.pid, &clock)
        var time = timespec()
        guard status == 0, clock_gettime(clock, &time) == 0 else {
            throw BenchFailure("process \(self.pid) has no CPU clock: is it running?")
        }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Resident memory, from the second field of `/proc/<pid>/statm`.
    func residentBytes() throws(BenchFailure) -> Int {
        let fields = try readFile("/proc/\(self.pid)/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw BenchFailure("/proc/\(self.pid)/statm cannot be read") }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// This process's own CPU time, to show how busy the generator was.
func ownCPUNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Monotonic nanoseconds.
@inline(__always)
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The time of day, to the second, for signatures.
func currentWallTime() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(secondsSinceEpoch: Int64(time.tv_sec))
}

/// The text of a small file.
func readFile(_ path: String) throws(BenchFailure) -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .system("open \(path)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count >= 0 else { throw .system("read \(path)") }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

func writeFile(_ path: String, _ text: String) throws(BenchFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw .system("open \(path)") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw .system("write \(path)") }
}
