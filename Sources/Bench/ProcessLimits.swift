import CBench
import Glibc

/// This process's own limits; servers it starts inherit them.
enum ProcessLimits {
    /// Raises the number of open files to the hard limit, since idle scenarios hold thousands of connections.
    static func raiseDescriptors() throws(BenchFailure) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw .system("getrlimit") }
        limit.rlim_cur = min(limit.rlim_max, 65536)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw .system("setrlimit") }
    }

    /// Keeps this process on one core.
    static func pin(to core: Int) throws(BenchFailure) {
        guard core >= 0, core < 1024, sundial_pin_to_core(Int32(core)) == 0 else { throw .system("pinning to core \(core)") }
    }
}
