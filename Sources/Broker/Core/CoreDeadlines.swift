import Timeline

/// What the core's one deadline queue wakes it for.
enum CoreTimer {
    case connectTimeout(Connection)
    case keepAlive(Connection)
    /// Its bytes have waited long enough.
    case throughput(Connection)
    case sessionExpiry(ClientSession)
    case will(ClientSession)
    case forgetDeletedShadows
    case sweepRetained
    case call(() -> Void)
}

typealias CoreDeadlines = DeadlineQueue<CoreTimer>
