import Foundation
import Testing

/// The life of a shadow, from the first 404 to the last, through the shadow functions of AWS's SDKs for Python (both
/// generations) and through mqtt.js: exactly what the service answers, in the order of arrival.
@Suite struct ShadowLifeTests {
    @Test(arguments: ["IotShadowClient", "IotShadowClientV2"], ["4", "5"])
    func theAWSSDKSeesIt(kind: String, protocolVersion: String) async throws {
        try await SundialProcess.run { sundial in
            let client = try Client.python(
                "aws_shadow_life.py",
                [kind, protocolVersion, "\(sundial.doors.https.port)", sundial.doors.ca, "lamp", "night"])
            try await client.end()
            // The newer client always sends a token of its own making, so it cannot send one that is too long.
            let expected = ["lamp", "night"].flatMap { Self.lifeInTheSDK(named: $0, withLongToken: kind == "IotShadowClient") }
            #expect(client.lines == expected)
        }
    }

    @Test(arguments: [nil, Workshop.sessionToken])
    func theFirstAWSSDKSeesIt(token: String?) async throws {
        let options = ["--host-alias", "sundial-ats.iot.eu-west-1.amazonaws.com"]
        try await SundialProcess.run(sessionToken: token, options) { sundial in
            let client = try Client.python(
                "aws_python_v1.py", ["\(sundial.doors.https.port)", sundial.doors.ca, "lamp"] + [token].compactMap { $0 })
            try await client.end()
            #expect(client.lines == Self.lifeInTheFirstSDK)
        }
    }

    @Test(arguments: ["4", "5"])
    func mqttJSSeesIt(protocolVersion: String) async throws {
        try await SundialProcess.run { sundial in
            let url = try await sundial.signedAddress("ws")
            let client = try Client.node("shadow-life.js", [url, protocolVersion, "lamp", "night"])
            try await client.end()
            #expect(client.lines == ["lamp", "night"].flatMap { Self.lifeInMQTTJS(named: $0) })
        }
    }

    private static let eco = #"{"mode":"eco"}"#
    private static let ecoTimes = #"{"mode":{"timestamp":"now"}}"#
    private static let fanTimes = #"{"fan":{"speed":{"timestamp":"now"}}}"#
    private static let bothTimes = #"{"mode":{"timestamp":"now"},"fan":{"speed":{"timestamp":"now"}}}"#

    /// The SDK prints its fields by name and hands no token and no `null` for `previous` to its user.
    private static func lifeInTheSDK(named name: String, withLongToken: Bool) -> [String] {
        let both = #"{"mode":"eco","fan":{"speed":2}}"#
        func rejected(_ verb: String, _ code: Int, _ message: String) -> String {
            #"{"event":"\#(verb)/rejected","payload":{"client_token":"ours","code":\#(code),"message":"\#(message)"}}"#
        }
        func update(_ metadata: String, _ state: String, _ version: Int) -> String {
            #""payload":{"client_token":"ours","metadata":\#(metadata),"state":\#(state),"timestamp":"now","version":\#(version)}}"#
        }
        func snapshot(_ metadata: String, _ state: String, _ version: Int) -> String {
            #"{"metadata":\#(metadata),"state":\#(state),"version":\#(version)}"#
        }
        let missing = "No shadow exists with name: '\(name)'"
        let first = snapshot(#"{"desired":\#(bothTimes)}"#, #"{"desired":\#(both)}"#, 1)
        let second = snapshot(
            #"{"desired":\#(bothTimes),"reported":\#(ecoTimes)}"#, #"{"desired":\#(both),"reported":\#(eco)}"#, 2)
        let third = snapshot(#"{"reported":\#(ecoTimes)}"#, #"{"reported":\#(eco)}"#, 3)
        return [
            rejected("get", 404, missing),
            #"{"event":"update/accepted","# + update(#"{"desired":\#(bothTimes)}"#, #"{"desired":\#(both)}"#, 1),
            #"{"event":"delta","# + update(bothTimes, both, 1),
            #"{"event":"documents","payload":{"current":\#(first),"timestamp":"now"}}"#,
            #"{"event":"update/accepted","# + update(#"{"reported":\#(ecoTimes)}"#, #"{"reported":\#(eco)}"#, 2),
            #"{"event":"delta","# + update(fanTimes, #"{"fan":{"speed":2}}"#, 2),
            #"{"event":"documents","payload":{"current":\#(second),"previous":\#(first),"timestamp":"now"}}"#,
            #"{"event":"get/accepted","#
                + update(
                    #"{"desired":\#(bothTimes),"reported":\#(ecoTimes)}"#,
                    #"{"delta":{"fan":{"speed":2}},"desired":\#(both),"reported":\#(eco)}"#, 2),
            rejected("update", 409, "Version conflict"),
            rejected("update", 400, "JSON contains too many levels of nesting; maximum is 6"),
            rejected("update", 413, "The payload exceeds the maximum size allowed"),
        ] + (withLongToken ? [#"{"event":"update/rejected","payload":{"code":400,"message":"Invalid clientToken"}}"#] : []) + [
            #"{"event":"update/accepted","# + update(#"{"desired":{"timestamp":"now"}}"#, #"{"desired":null}"#, 3),
            #"{"event":"documents","payload":{"current":\#(third),"previous":\#(second),"timestamp":"now"}}"#,
            #"{"event":"delete/accepted","payload":{"client_token":"ours","timestamp":"now","version":3}}"#,
            rejected("get", 404, missing),
            rejected("delete", 404, missing),
        ]
    }

    /// The device hears what the app desires, and no more once it has reported it.
    private static let lifeInTheFirstSDK: [String] = {
        let missing = #""payload":{"code":404,"message":"No shadow exists with name: 'lamp'","clientToken":"ours"}}"#
        let end = #""timestamp":"now","clientToken":"ours"}}"#
        let accepted = #""status":"accepted","payload""#
        return [
            #"{"to":"app","status":"rejected",\#(missing)"#,
            #"{"to":"app",\#(accepted):{"state":{"desired":\#(eco)},"metadata":{"desired":\#(ecoTimes)},"version":1,\#(end)"#,
            #"{"to":"device","status":"delta/lamp","#
                + #""payload":{"version":1,"timestamp":"now","state":\#(eco),"metadata":\#(ecoTimes),"clientToken":"ours"}}"#,
            #"{"to":"device",\#(accepted):{"state":{"reported":\#(eco)},"metadata":{"reported":\#(ecoTimes)},"version":2,\#(end)"#,
            #"{"to":"app",\#(accepted):{"state":{"desired":\#(eco),"reported":\#(eco)},"#
                + #""metadata":{"desired":\#(ecoTimes),"reported":\#(ecoTimes)},"version":2,\#(end)"#,
            #"{"to":"app","status":"rejected","payload":{"code":409,"message":"Version conflict","clientToken":"ours"}}"#,
            #"{"to":"app",\#(accepted):{"version":2,\#(end)"#,
            #"{"to":"app","status":"rejected",\#(missing)"#,
        ]
    }()

    /// The text itself: the order of the fields, `2.0` as it was written, and a token only where one was sent.
    private static func lifeInMQTTJS(named name: String) -> [String] {
        let both = #"{"mode":"eco","fan":{"speed":2.0}}"#
        let reported = #"{"mode":"eco","fan":{"speed":1}}"#
        let bothSections = #""state":{"desired":\#(both),"reported":\#(reported)"#
        let bothSectionsTimes = #""metadata":{"desired":\#(bothTimes),"reported":\#(bothTimes)}"#
        let first = #"{"state":{"desired":\#(both)},"metadata":{"desired":\#(bothTimes)},"version":1"#
        let second = #"{\#(bothSections)},\#(bothSectionsTimes),"version":2}"#
        let third =
            #"{"state":{"desired":\#(eco),"reported":\#(eco)},"#
            + #""metadata":{"desired":\#(ecoTimes),"reported":\#(ecoTimes)},"version":3}"#
        let missing = #"{"code":404,"message":"No shadow exists with name: '\#(name)'"#
        return [
            ("get/rejected", missing + #""}"#),
            ("update/accepted", first + #","timestamp":"now","clientToken":"page"}"#),
            ("update/delta", #"{"version":1,"timestamp":"now","state":\#(both),"metadata":\#(bothTimes),"clientToken":"page"}"#),
            ("update/documents", #"{"previous":null,"current":\#(first)},"timestamp":"now","clientToken":"page"}"#),
            (
                "update/accepted",
                #"{"state":{"reported":\#(reported)},"metadata":{"reported":\#(bothTimes)},"version":2,"timestamp":"now"}"#
            ),
            ("update/delta", #"{"version":2,"timestamp":"now","state":{"fan":{"speed":2.0}},"metadata":\#(fanTimes)}"#),
            ("update/documents", #"{"previous":\#(first)},"current":\#(second),"timestamp":"now"}"#),
            (
                "get/accepted",
                #"{\#(bothSections),"delta":{"fan":{"speed":2.0}}},\#(bothSectionsTimes),"version":2,"timestamp":"now","#
                    + #""clientToken":"again"}"#
            ),
            ("update/rejected", #"{"code":409,"message":"Version conflict","clientToken":"late"}"#),
            ("update/rejected", #"{"code":400,"message":"Invalid JSON"}"#),
            (
                "update/accepted",
                #"{"state":{"desired":{"fan":null},"reported":{"fan":null}},"#
                    + #""metadata":{"desired":{"fan":{"timestamp":"now"}},"reported":{"fan":{"timestamp":"now"}}},"#
                    + #""version":3,"timestamp":"now"}"#
            ),
            ("update/documents", #"{"previous":\#(second),"current":\#(third),"timestamp":"now"}"#),
            ("delete/accepted", #"{"version":3,"timestamp":"now"}"#),
            ("get/rejected", missing + #"","clientToken":"gone"}"#),
            ("delete/rejected", missing + #"","clientToken":"twice"}"#),
        ].map { #"{"topic":"\#($0)","payload":\#($1)}"# }
    }
}
