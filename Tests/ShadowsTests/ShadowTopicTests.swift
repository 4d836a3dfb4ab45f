import Shadows
import Testing

@Suite("Shadow topics (Developer Guide, Reserved topics)")
struct ShadowTopicTests {
    static let suffixes = [
        "get", "get/accepted", "get/rejected", "update", "update/accepted", "update/rejected", "update/delta", "update/documents", "delete",
        "delete/accepted", "delete/rejected",
    ]

    @Test(arguments: ["$aws/things/T-1/shadow/", "$aws/things/T-1/shadow/name/cfg/"], Self.suffixes)
    func everyTopicIsReadAndWrittenBack(_ prefix: String, _ suffix: String) throws {
        let topic = try #require(ShadowTopic(prefix + suffix))
        #expect(topic.text == prefix + suffix)
        #expect(topic.id.topicPrefix + "/" == prefix)
        #expect(topic.isRequest == !suffix.contains("/"))
    }

    @Test(arguments: [
        "", "$aws", "$aws/things/", "$aws/things/T/shadow", "$aws/things/T/shadow/", "$aws/things//shadow/get", "$aws/things/T/shadow/Get",
        "$aws/things/T/shadow/get/", "$aws/things/T/shadow/get/delta", "$aws/things/T/shadow/delete/documents",
        "$aws/things/T/shadow/get/accepted/x", "$aws/things/T/shadow/name/get", "$aws/things/T/shadow/name//get",
        "$aws/things/T/shadow/cfg/get", "$AWS/things/T/shadow/get", "x/$aws/things/T/shadow/get", "$aws/things/T/shadows/get",
        "$aws/things/+/shadow/get", "$aws/things/T/shadow/#", "$aws/things/a b/shadow/get", "$aws/things/$T/shadow/get",
        "$aws/things/T/shadow/name/a.b/get", "$aws/things/Tö/shadow/get", "$aws/things/T/shadow/list",
    ])
    func otherTopicsAreNotShadowTopics(_ topic: String) {
        #expect(ShadowTopic(topic) == nil)
    }

    @Test func namesHaveLengthsAndLetters() {
        #expect(ThingName(String(repeating: "a", count: 128)) != nil)
        #expect(ThingName(String(repeating: "a", count: 129)) == nil)
        #expect(ThingName("aZ09:_-") != nil)
        #expect(ThingName("$a") == nil)
        #expect(ThingName("") == nil)
        #expect(ShadowName(String(repeating: "a", count: 64)) != nil)
        #expect(ShadowName(String(repeating: "a", count: 65)) == nil)
        #expect(ShadowName("$aZ09:_-") != nil)
        #expect(ShadowName("a/b") == nil)
        #expect(ShadowName("") == nil)
    }
}
