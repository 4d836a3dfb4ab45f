/// Which of a core's two times something goes by.
package enum TimeLine: Sendable {
    /// The service's own, which may be scaled or virtual.
    case service
    /// Real time, by which peers beyond a socket live.
    case real
}
