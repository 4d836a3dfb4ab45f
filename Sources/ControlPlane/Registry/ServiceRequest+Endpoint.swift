import Hummingbird
import JSON

extension ServiceRequest {
    /// Every type is answered, since scripts ask for each; what is built is all behind one door. Source: `iot-core-services.md` §1.
    private static let endpointTypes: Set = [
        "iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs", "iot:DeviceAdvisor", "iot:Data-Beta",
    ]

    /// DescribeEndpoint: the door that was asked, as the client knows it.
    func describeEndpoint() throws(ServiceError) -> Response {
        let type = try self.query.text("endpointType") ?? "iot:Data"
        guard Self.endpointTypes.contains(type) else {
            throw ServiceError(
                .invalidRequest, "Invalid endpoint type",
                explanation: "'\(type.prefix(100))' is none of \(Self.endpointTypes.sorted().joined(separator: ", "))")
        }
        return .document(["endpointAddress": .string(self.authority)])
    }
}
