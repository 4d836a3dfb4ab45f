import ArgumentParser
import Broker
import Sessions
import Testing

@testable import sundial

/// `serve --quotas` and `--quota`.
@Suite struct QuotaOptionTests {
    private func profiles(_ words: String...) throws -> [ServiceProfile] {
        let serve = try #require(try Sundial.parseAsRoot(["serve"] + words) as? ServeCommand)
        return serve.quotas.applied(to: serve.doors.listeners()).map(\.profile)
    }

    @Test func withoutFlagsAWSDoorsWarnAndThePlainOneMeasuresNothing() throws {
        #expect(try self.profiles().map(\.quotas) == [ServiceQuotas(all: .off)] + Array(repeating: ServiceQuotas(all: .warn), count: 3))
    }

    @Test func oneModeForAllAndSettingsOfTheirOwn() throws {
        let profiles = try self.profiles(
            "--quotas", "enforce", "--quota", "publish-rate=warn", "--quota", "shadow-rate=5", "--quota", "connect-rate=off:7",
            "--quota", "publish-rate=250")
        var expected = ServiceQuotas(all: .enforce)
        expected.publishRate = Quota(.warn, limit: 250)
        expected.shadowRate = Quota(.enforce, limit: 5)
        expected.connectRate = Quota(.off, limit: 7)
        #expect(profiles.dropFirst().allSatisfy { $0.quotas == expected })
        #expect(profiles[0].quotas == ServiceQuotas(all: .off), "the plain door has none")
    }

    @Test(arguments: [
        ("publish-rat=warn", "did you mean 'publish-rate'?"), ("publishes=warn", "shadow-in-flight"), ("throughput", "throughput=enforce"),
        ("throughput=enfroce", "did you mean 'enforce'?"), ("throughput=", "enforce, warn, off"), ("throughput=0", "give 1 to"),
        ("throughput=-1", "give 1 to"), ("throughput=warn:many", "'many' is no number"), ("throughput=5:warn", "'warn' is no number"),
        ("throughput=warn:99999999999", "1000000000"), ("throughput=5:6", "'5' is neither"),
    ])
    func aMistakeIsAnsweredWithTheWayOut(setting: String, words: String) throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(["serve", "--quota", setting]) }
        let message = Sundial.fullMessage(for: try #require(error))
        #expect(message.contains(words), "\(message)")
    }

    @Test func anUnknownModeIsAnsweredWithTheModesThereAre() throws {
        let error = #expect(throws: (any Error).self) { try Sundial.parseAsRoot(["serve", "--quotas", "strict"]) }
        #expect(Sundial.fullMessage(for: try #require(error)).contains("enforce"))
    }
}
