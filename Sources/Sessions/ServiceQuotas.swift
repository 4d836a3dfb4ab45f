/// The rates and counts that the service limits, each with its mode.
///
/// The numbers are those of the AWS IoT Core quotas page. <doc:Quotas> lists each with its evidence, what the service does beyond
/// it, and the switches.
package struct ServiceQuotas: Equatable, Sendable {
    /// PUBLISH packets a second on one connection, in each direction; messages for an absent session count. Quota L-083F3861 is
    /// 100; a test against the service lost nothing at 500 a second and something at 600.
    package var publishRate = Quota(limit: 100, enforcedLimit: 500)
    /// Bytes of MQTT packets a second from one connection.
    package var throughput = Quota(limit: 512 * 1024)
    /// Requests a second for one shadow, over MQTT and REST together.
    package var shadowRate = Quota(limit: 20)
    /// Unanswered requests of one thing. Quota L-23F45906.
    package var shadowInFlight = Quota(limit: 10)
    /// CONNECT packets a second with one client id. Quota L-033DE216.
    package var connectRate = Quota(limit: 1)
    /// Subscriptions of one connection. Quota L-45957C13.
    package var subscriptions = Quota(limit: 50)
    package var switches = QuotaSwitches()

    /// The service's numbers, in mode `warn`.
    package init() {}

    /// The service's numbers, with every quota in one mode.
    package init(all mode: QuotaMode) {
        for name in QuotaName.allCases { self[name].mode = mode }
    }

    package subscript(name: QuotaName) -> Quota {
        get { self[keyPath: Self.path(to: name)] }
        set { self[keyPath: Self.path(to: name)] = newValue }
    }

    private static func path(to name: QuotaName) -> WritableKeyPath<ServiceQuotas, Quota> {
        switch name {
        case .publishRate: \.publishRate
        case .throughput: \.throughput
        case .shadowRate: \.shadowRate
        case .shadowInFlight: \.shadowInFlight
        case .connectRate: \.connectRate
        case .subscriptions: \.subscriptions
        }
    }

    /// What going beyond a quota means, for logs and answers.
    package func explanation(of name: QuotaName) -> String {
        let limit = self[name].limitInForce
        let (what, consequence) =
            switch name {
            case .publishRate:
                (
                    "\(limit) messages a second \(self.switches.countsDirectionsTogether ? "to and from" : "to or from") one client",
                    "discards what is more"
                )
            case .throughput: ("\(limit) bytes a second from one connection", "handles what is more later")
            case .shadowRate: ("\(limit) requests a second for one \(self.switches.shadowRateScope)", "answers what is more with 429")
            case .shadowInFlight:
                ("\(limit) unanswered requests of one \(self.switches.shadowInFlightScope)", "answers what is more with 429")
            case .connectRate: ("\(limit) CONNECT a second with one client id", "refuses what is more")
            case .subscriptions: ("\(limit) subscriptions on one connection", "refuses what is more")
            }
        let ending = self[name].mode == .enforce ? "" : "; let through here"
        return "more than \(what); AWS IoT \(consequence)\(ending) (quota \(name.rawValue))"
    }
}

/// What about quotas no document or capture settles. Each default names its source; "unconfirmed" says so.
package struct QuotaSwitches: Equatable, Sendable {
    /// Whose requests a second are counted together.
    package enum RateScope: String, Sendable { case shadow, thing }
    /// Whose unanswered requests are counted together.
    package enum InFlightScope: String, Sendable { case thing, connection }
    /// What a subscription beyond the quota gets.
    package enum FullSubscriptions: String, Sendable {
        /// SUBACK 0x97 for MQTT 5, 0x80 before.
        case quotaExceeded
        /// SUBACK 0x80 for every version.
        case unspecified
        /// The connection ends.
        case close
    }

    /// Messages to and from a client share one allowance, instead of having one each. Unconfirmed.
    package var countsDirectionsTogether = false
    /// A discarded PUBLISH of QoS 1 is answered 0x97 to MQTT 5 clients. Without it, and to others, there is no PUBACK. Unconfirmed.
    package var answersDiscardedPublish = true
    /// The quotas page of today says shadow, older ones thing.
    package var shadowRateScope = RateScope.shadow
    /// The quotas page says thing, the page of error messages connection.
    package var shadowInFlightScope = InFlightScope.thing
    /// MQTT 5 clients get CONNACK 0x97 before they are hung up on; others never do (aws-iot-device-sdk-java#127). Unconfirmed.
    package var answersThrottledConnect = true
    /// 0x80 was seen with MQTT 3, a close once (aws-iot-device-sdk-js#43). For MQTT 5 unconfirmed.
    package var fullSubscriptions = FullSubscriptions.quotaExceeded

    package init() {}
}
