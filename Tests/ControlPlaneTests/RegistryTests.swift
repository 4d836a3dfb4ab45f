import HTTPTypes
import JSON
import Testing

/// DescribeEndpoint and the registry of things. `iot-core-services.md` §1, §2.
@Suite struct RegistryTests {
    private static func signed(
        _ plane: AnsweringPlane, _ method: HTTPRequest.Method, _ target: String, _ body: String = ""
    ) async throws -> AnsweringPlane.Answer {
        try await plane.signed(method, target, body, service: "iot")
    }

    @Test(arguments: ["", "?endpointType=iot:Data-ATS", "?endpointType=iot%3AJobs", "?endpointType=iot:CredentialProvider"])
    func theEndpointIsTheDoorThatWasAsked(query: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.signed(plane, .get, "/endpoint\(query)")
            #expect(answer.status == 200)
            #expect(answer.json == ["endpointAddress": "localhost:8443"])
        }
    }

    @Test func theControlPlaneIsSignedForUnderItsOwnNames() async throws {
        try await AnsweringPlane.with { plane in
            let old = try await plane.signed(.get, "/endpoint", service: "execute-api")
            #expect(old.status == 200)
            let wrong = try await plane.signed(.get, "/endpoint", service: "iotdata")
            #expect(wrong.status == 403)
            #expect(wrong.json?["message"]?.string == "Credential should be scoped to correct service: 'iot'.")
            #expect(
                wrong["x-sundial-explanation"]
                    == "The credential is scoped to service 'iotdata', but 'iot' or 'execute-api' is expected here. 'iotdata' is the name of the data plane (shadows, publish, MQTT)."
            )
        }
    }

    @Test func aThingLivesFromItsCreationToItsDeletion() async throws {
        try await AnsweringPlane.with { plane in
            let created = try #require(
                try await Self.signed(
                    plane, .post, "/things/T", #"{"thingTypeName":"lamp","attributePayload":{"attributes":{"b":"2","a":"1"}}}"#
                ).json)
            #expect(created["thingName"]?.string == "T")
            #expect(created["thingArn"]?.string == "arn:aws:iot:eu-west-1:000000000000:thing/T")
            let id = try #require(created["thingId"]?.string)
            #expect(id.utf8.count == 36)

            let described = try await Self.signed(plane, .get, "/things/T")
            #expect(
                described.json == [
                    "defaultClientId": "T", "thingName": "T", "thingId": .string(id),
                    "thingArn": "arn:aws:iot:eu-west-1:000000000000:thing/T", "thingTypeName": "lamp", "attributes": ["a": "1", "b": "2"],
                    "version": 1,
                ])

            let update = #"{"attributePayload":{"attributes":{"a":"","c":"3"},"merge":true},"expectedVersion":1}"#
            #expect(try await Self.signed(plane, .patch, "/things/T", update).json == [:])
            let updated = try #require(try await Self.signed(plane, .get, "/things/T").json)
            #expect(updated["attributes"] == ["b": "2", "c": "3"])
            #expect(updated["version"]?.int64 == 2)
            let late = try await Self.signed(plane, .patch, "/things/T", update)
            #expect(late.status == 409)
            #expect(late["x-amzn-errortype"] == "VersionConflictException:")

            _ = try await plane.signed(.post, "/things/T/shadow", #"{"state":{}}"#)
            #expect(try await Self.signed(plane, .delete, "/things/T?expectedVersion=1").status == 409)
            #expect(try await Self.signed(plane, .delete, "/things/T?expectedVersion=2").json == [:])
            #expect(try await Self.signed(plane, .delete, "/things/T").status == 200)
            let gone = try await Self.signed(plane, .get, "/things/T")
            #expect(gone.status == 404)
            #expect(gone["x-amzn-errortype"] == "ResourceNotFoundException:")
            #expect(try await plane.signed(.get, "/things/T/shadow").status == 200)
        }
    }

    @Test func theSameThingMayBeCreatedAgainAndAnotherOfItsNameNot() async throws {
        try await AnsweringPlane.with { plane in
            let body = #"{"attributePayload":{"attributes":{"a":"1"}}}"#
            let first = try await Self.signed(plane, .post, "/things/T", body)
            let second = try await Self.signed(plane, .post, "/things/T", body)
            #expect(second.status == 200)
            #expect(second.json == first.json)
            let other = try await Self.signed(plane, .post, "/things/T", "{}")
            #expect(other.status == 409)
            #expect(other["x-amzn-errortype"] == "ResourceAlreadyExistsException:")
            #expect(other.json?["resourceId"] == first.json?["thingId"])
            #expect(other.json?["resourceArn"] == first.json?["thingArn"])
        }
    }

    @Test func thingsAreListedPageByPageAndByAttribute() async throws {
        try await AnsweringPlane.with { plane in
            for number in (0..<30).reversed() {
                let colour = number % 2 == 0 ? "red" : "green"
                _ = try await Self.signed(
                    plane, .post, "/things/t\(number + 10)", #"{"attributePayload":{"attributes":{"colour":"\#(colour)"}}}"#)
            }
            let first = try #require(try await Self.signed(plane, .get, "/things").json)
            #expect(first["things"]?.array?.count == 25)
            #expect(first["things"]?.array?.first?["thingName"]?.string == "t10")
            let token = try #require(first["nextToken"]?.string)
            let second = try #require(try await Self.signed(plane, .get, "/things?nextToken=\(token)").json)
            #expect(second["things"]?.array?.count == 5)
            #expect(second["nextToken"] == nil)
            for other in ["attributeName=colour&nextToken=\(token)", "nextToken=\(token)A", "nextToken=\(token.dropLast(4))AAAA"] {
                #expect(try await Self.signed(plane, .get, "/things?\(other)").json?["message"]?.string == "Invalid nextToken", "\(other)")
            }
            let red = try await Self.signed(plane, .get, "/things?attributeName=colour&attributeValue=red&maxResults=250").json
            #expect(red?["things"]?.array?.count == 15)
            let none = try await Self.signed(plane, .get, "/things?attributeName=colour&attributeValue=re").json
            #expect(none?["things"]?.array?.count == 0)
            let begins = try await Self.signed(
                plane, .get, "/things?attributeName=colour&attributeValue=gr&usePrefixAttributeValue=true"
            ).json
            #expect(begins?["things"]?.array?.count == 15)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var method: HTTPRequest.Method = .get
        var target: String
        var body = ""
        var status = 400
        var message: String
        var testDescription: String { "\(self.method) \(self.target) \(self.body)" }
    }

    static let refused = [
        Refused(target: "/endpoint?endpointType=iot:Nothing", message: "Invalid endpoint type"),
        Refused(target: "/things?maxResults=251", message: "less than or equal to 250"),
        Refused(target: "/things?nextToken=x", message: "Invalid nextToken"),
        Refused(target: "/things?attributeValue=x", message: "needs 'attributeName'"),
        Refused(target: "/things/a%20b", message: "'thingName' failed to satisfy constraint"),
        Refused(target: "/things/T", status: 404, message: "Thing T not found"),
        Refused(method: .patch, target: "/things/T", body: "{}", status: 404, message: "Thing T not found"),
        Refused(method: .put, target: "/things/T", body: "{}", status: 405, message: "Method Not Allowed"),
        Refused(method: .post, target: "/things/T", body: "[]", message: "must be a JSON object, not an array"),
        Refused(method: .post, target: "/things/T", body: "{", message: "not valid JSON"),
        Refused(method: .post, target: "/things/T", body: #"{"thingTypeName":""}"#, message: "'thingTypeName' failed"),
        Refused(
            method: .post, target: "/things/T", body: #"{"attributePayload":{"attributes":{"a b":"c"}}}"#, message: "[a-zA-Z0-9_.,@/:#-]+"),
        Refused(
            method: .post, target: "/things/T", body: #"{"attributePayload":{"attributes":{"a":"b c"}}}"#, message: "failed to satisfy"),
        Refused(method: .post, target: "/things/T", body: #"{"attributePayload":{"attributes":{"a":1}}}"#, message: "must be a string"),
        Refused(
            method: .post, target: "/things/T", body: #"{"attributePayload":{"attributes":{"a":"1","b":"2","c":"3","d":"4"}}}"#,
            message: "4 attributes; 3 are allowed"),
        Refused(method: .delete, target: "/things/T?expectedVersion=new", message: "whole number"),
    ]

    @Test(arguments: Self.refused)
    func whatTheRegistryDoesNotTakeIsRefused(_ example: Refused) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.signed(plane, example.method, example.target, example.body)
            #expect(answer.status == example.status)
            #expect(answer.json?["message"]?.string?.contains(example.message) == true, "\(answer.body)")
            #expect(plane.log.all.contains { $0.contains("request refused: ") })
        }
    }
}
