import Topics

extension ReservedTopics {
    /// Why clients may not publish there; `nil` if they may.
    static func obstacle(to kind: Topic.Kind, retain: Bool, refusesReserved: Bool) -> String? {
        switch kind {
        case .ordinary: nil
        case .shadowRequest: retain ? "reserved topics keep no retained message" : nil
        case .serviceAnswer: "only the shadow service publishes there, clients subscribe to it"
        case .otherRequest: retain && refusesReserved ? "reserved topics keep no retained message" : nil
        case .reserved: refusesReserved ? "topics that begin with $ are reserved and this one is not offered" : nil
        }
    }
}
