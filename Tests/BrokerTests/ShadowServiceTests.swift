import Broker
import MQTTWire
import Sessions
import Shadows
import Testing
import Topics

@Suite("The shadow service over MQTT")
struct ShadowServiceTests {
    private static let prefix = "$aws/things/T/shadow/name/test1"

    @Test func anUpdateIsAnsweredAcceptedThenDeltaThenDocuments() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.subscribe("\(Self.prefix)/update/+", qos: .atMostOnce)
        client.publish("\(Self.prefix)/update", #"{"state":{"desired":{"a":1}},"clientToken":"x"}"#, qos: .atLeastOnce)
        let time = #"{"timestamp":1700000000}"#
        #expect(
            client.all() == [
                #"PUBLISH \#(Self.prefix)/update/accepted "{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":\#(time)}},"version":1,"timestamp":1700000000,"clientToken":"x"}" q0"#,
                #"PUBLISH \#(Self.prefix)/update/delta "{"version":1,"timestamp":1700000000,"state":{"a":1},"metadata":{"a":\#(time)},"clientToken":"x"}" q0"#,
                #"PUBLISH \#(Self.prefix)/update/documents "{"previous":null,"current":{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":\#(time)}},"version":1},"timestamp":1700000000,"clientToken":"x"}" q0"#,
                "PUBACK 1",
            ])
    }

    @Test func theRequestItselfIsRoutedLikeAnyMessage() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("\(Self.prefix)/update", qos: .atMostOnce)
        harness.connected("c").publish("\(Self.prefix)/update", "not json")
        #expect(watcher.all() == ["PUBLISH \(Self.prefix)/update \"not json\" q0"])
    }

    @Test(arguments: [
        ("not json", #"{"code":400,"message":"Invalid JSON"}"#),
        (#"{"clientToken":"t"}"#, #"{"code":400,"message":"Missing required node: state","clientToken":"t"}"#),
        (#"{"state":[1]}"#, #"{"code":400,"message":"State node must be an object"}"#),
    ])
    func aBadUpdateIsRejectedAndTheConnectionStays(payload: String, answer: String) {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.subscribe("\(Self.prefix)/update/rejected", qos: .atMostOnce)
        client.publish("\(Self.prefix)/update", payload)
        #expect(client.all() == ["PUBLISH \(Self.prefix)/update/rejected \"\(answer)\" q0"])
        #expect(!client.isClosed)
    }

    @Test func classicAndNamedShadowsAreApart() {
        let harness = CoreHarness()
        let client = harness.connected("c", .aws)
        client.publish("$aws/things/T/shadow/update", #"{"state":{"reported":{"on":true}}}"#)
        client.subscribe("\(Self.prefix)/get/+", qos: .atMostOnce)
        client.publish("\(Self.prefix)/get")
        #expect(
            client.all() == [#"PUBLISH \#(Self.prefix)/get/rejected "{"code":404,"message":"No shadow exists with name: 'test1'"}" q0"#])
    }

    @Test func aWillDoesNotChangeAShadow() {
        let harness = CoreHarness()
        let watcher = harness.connected("w")
        watcher.subscribe("$aws/things/T/shadow/#", qos: .atMostOnce)
        let will = Will(topic: "$aws/things/T/shadow/update", payload: Array(#"{"state":{}}"#.utf8))
        harness.connected("c", will: will).vanish()
        #expect(watcher.all() == [#"PUBLISH $aws/things/T/shadow/update "{"state":{}}" q0"#])
    }
}
