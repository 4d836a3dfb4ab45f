import ArgumentParser
import Broker
import Sessions

/// The flags of `serve` about rates and counts, for the doors that are like AWS IoT's.
struct QuotaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What happens beyond AWS IoT's rates and counts on its doors: enforce (as the service does), warn (passes and is logged) or off.",
            valueName: "mode"))
    var quotas = QuotaMode.warn

    @Option(
        help: ArgumentHelp(
            "One quota apart: NAME=MODE, NAME=NUMBER or NAME=MODE:NUMBER; may be given more than once. There are \(QuotaSetting.names.joined(separator: ", ")).",
            valueName: "setting"), transform: QuotaSetting.init(parsing:))
    var quota: [QuotaSetting] = []

    /// What doors like AWS IoT's measure; of two settings of one quota the later counts.
    var rules: ServiceQuotas {
        var rules = ServiceQuotas(all: self.quotas)
        for setting in self.quota {
            if let mode = setting.mode { rules[setting.name].mode = mode }
            if let limit = setting.limit { rules[setting.name] = Quota(rules[setting.name].mode, limit: limit) }
        }
        return rules
    }

    /// The listeners with these quotas in force; the plain door has none.
    func applied(to listeners: [BrokerConfiguration.Listener]) -> [BrokerConfiguration.Listener] {
        listeners.map { listener in
            guard listener.profile.name == ServiceProfile.aws.name else { return listener }
            var listener = listener
            listener.profile.quotas = self.rules
            return listener
        }
    }
}

/// `publish-rate=enforce`, `publish-rate=500` or `publish-rate=enforce:500`.
struct QuotaSetting: Equatable {
    static let names = QuotaName.allCases.map(\.rawValue)
    private static let limits = 1...1_000_000_000

    let name: QuotaName
    private(set) var mode: QuotaMode?
    /// Stands for the documented number as well as for the one that was seen.
    private(set) var limit: Int?

    /// - Throws: what is wrong with the text, and how to write it.
    init(parsing text: String) throws {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = QuotaName(rawValue: halves[0]) else {
            throw ValidationError("there is no quota '\(halves[0])'; \(KnownWord.hint(for: halves[0], among: Self.names))")
        }
        self.name = name
        guard halves.count == 2 else { throw ValidationError("say what to do with it: \(name.rawValue)=enforce or \(name.rawValue)=20.") }
        let words = halves[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let number = Int(words[words.count - 1]) {
            guard Self.limits.contains(number) else {
                throw ValidationError("\(number) is not possible; give 1 to \(Self.limits.upperBound).")
            }
            self.limit = number
            if words.count == 1 { return }
        } else if words.count == 2 {
            throw ValidationError("'\(words[1])' is no number.")
        }
        guard let mode = QuotaMode(rawValue: words[0]) else {
            let modes = QuotaMode.allCases.map(\.rawValue)
            throw ValidationError("'\(words[0])' is neither a number nor a mode; \(KnownWord.hint(for: words[0], among: modes))")
        }
        self.mode = mode
    }
}

extension QuotaMode: ExpressibleByArgument {}
