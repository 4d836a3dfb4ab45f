import Broker
import Foundation
import HTTPTypes
import JSON
import MQTTWire
import Sessions
import Topics

/// The message in a Publish or SendDirectMessage request. Source: `mqtt.md` §13.
extension ServiceRequest {
    private static let userProperties = HTTPField.Name.known("x-amz-mqtt5-user-properties")
    private static let payloadFormat = HTTPField.Name.known("x-amz-mqtt5-payload-format-indicator")
    private static let correlationData = HTTPField.Name.known("x-amz-mqtt5-correlation-data")
    /// MQTT 5 §1.5.4.
    private static let longestText = 65_535

    func topic(_ text: String) throws(ServiceError) -> TopicName {
        do throws(TopicError) {
            return try TopicName(text, limits: self.door.profile.limits.topic)
        } catch {
            throw ServiceError(.invalidRequest, "Invalid topic", explanation: "'\(text.prefix(300))': \(error.text)")
        }
    }

    /// The properties of MQTT 5 that both operations take.
    func messageProperties() throws(ServiceError) -> PublishProperties {
        var properties = PublishProperties()
        properties.contentType = try self.mqttText("contentType")
        if let response = try self.mqttText("responseTopic") {
            properties.responseTopic = try self.topic(response).string
        }
        if let text = self.headers[Self.payloadFormat] {
            switch text {
            case "UTF8_DATA": properties.payloadFormatIsUTF8 = true
            case "UNSPECIFIED_BYTES": properties.payloadFormatIsUTF8 = false
            default:
                throw .constraint(
                    text, at: "payloadFormatIndicator", "Member must satisfy enum value set: [UNSPECIFIED_BYTES, UTF8_DATA]")
            }
        }
        properties.correlationData = try self.base64(Self.correlationData)
        properties.userProperties = try self.readUserProperties()
        return properties
    }

    private func mqttText(_ parameter: String) throws(ServiceError) -> String? {
        guard let text = try self.query.text(parameter) else { return nil }
        guard text.utf8.count <= Self.longestText, !text.utf8.contains(0) else {
            throw .invalid("'\(parameter)' must have at most \(Self.longestText) bytes, none of them 0.")
        }
        return text
    }

    private func base64(_ field: HTTPField.Name) throws(ServiceError) -> [UInt8]? {
        guard let text = self.headers[field] else { return nil }
        guard let data = Data(base64Encoded: text) else { throw .invalid("\(field.canonicalName) must be base64, padded with '='.") }
        guard data.count <= Self.longestText else {
            throw .invalid("\(field.canonicalName) stands for \(data.count) bytes; at most \(Self.longestText) are allowed.")
        }
        return Array(data)
    }

    /// An array of objects with one member each, so that names may repeat and keep their order.
    private func readUserProperties() throws(ServiceError) -> [UserProperty] {
        guard let bytes = try self.base64(Self.userProperties) else { return [] }
        var properties: [UserProperty] = []
        guard let list = (try? JSONValue(parsing: bytes))?.array else { throw Self.badUserProperties }
        for element in list {
            guard let object = element.object, object.count == 1, let pair = object.first, let value = pair.value.string,
                !pair.key.utf8.contains(0), !value.utf8.contains(0)
            else { throw Self.badUserProperties }
            properties.append(UserProperty(name: pair.key, value: value))
        }
        return properties
    }

    private static var badUserProperties: ServiceError {
        .invalid(#"x-amz-mqtt5-user-properties must be base64 of a JSON array of objects with one text each: [{"name":"value"}]."#)
    }
}
