/// What must not happen in a run: any of it, and the run has no figure.
struct LoadFaults: Equatable, Sendable {
    var lost = 0
    /// Arrived, but without the acknowledgement of QoS 1.
    var unacknowledged = 0
    var duplicates = 0
    var outOfOrder = 0
    /// Shadow versions that did not follow the one before.
    var unevenVersions = 0
    /// Answers that are no `accepted` to an update of ours, and messages that are not ours.
    var rejected = 0

    var text: String {
        "\(self.lost) lost, \(self.duplicates) duplicate, \(self.outOfOrder) out of order, \(self.unevenVersions) uneven versions, "
            + "\(self.unacknowledged) unacknowledged, \(self.rejected) rejected"
    }
}
