package fcmfake

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Behaviour is how the fake answers one request.
type Behaviour string

// The behaviours.
const (
	OK             Behaviour = "ok"
	Unregistered   Behaviour = "unregistered"    // 404 UNREGISTERED: the app was removed
	Invalid        Behaviour = "invalid"         // 400 INVALID_ARGUMENT
	Quota          Behaviour = "quota"           // 429 QUOTA_EXCEEDED with Retry-After
	Internal       Behaviour = "internal"        // 500 INTERNAL
	Unavailable    Behaviour = "unavailable"     // 503 UNAVAILABLE with Retry-After
	SenderMismatch Behaviour = "sender_mismatch" // 403 SENDER_ID_MISMATCH
	NotFound       Behaviour = "not_found"       // 404 that says nothing about the token
	Forbidden      Behaviour = "forbidden"       // 403 that says nothing about the token
	Portal         Behaviour = "portal"          // 200 with a web page, as a hotel's network answers
	Silence        Behaviour = "silence"         // no answer until the client leaves
	Reset          Behaviour = "reset"           // the connection or stream is cut
	Lost           Behaviour = "lost"            // so it is, after the message was taken: the phone has it, and nobody is told
)

// failure is one error answer of Firebase.
type failure struct {
	code      int
	status    string // google.rpc.Code
	message   string
	errorCode string // of FcmError; "" leaves the detail out
}

// failures are the error answers by behaviour.
func failures() map[Behaviour]failure {
	return map[Behaviour]failure{
		Unregistered: {http.StatusNotFound, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"},
		Invalid: {
			http.StatusBadRequest, "INVALID_ARGUMENT",
			"The registration token is not a valid FCM registration token", "INVALID_ARGUMENT",
		},
		Quota:          {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Messages'.", "QUOTA_EXCEEDED"},
		Internal:       {http.StatusInternalServerError, "INTERNAL", "Internal error encountered.", "INTERNAL"},
		Unavailable:    {http.StatusServiceUnavailable, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"},
		SenderMismatch: {http.StatusForbidden, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"},
		NotFound:       {http.StatusNotFound, "NOT_FOUND", "Requested entity was not found.", ""},
		Forbidden:      {http.StatusForbidden, "PERMISSION_DENIED", "The caller does not have permission", ""},
	}
}

// errorBody is google.rpc.Status in JSON, as Google's APIs wrap it.
type errorBody struct {
	Error errorStatus `json:"error"`
}

type errorStatus struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []any  `json:"details,omitempty"`
}

type fcmError struct {
	Type      string `json:"@type"`
	ErrorCode string `json:"errorCode"`
}

type badRequest struct {
	Type       string           `json:"@type"`
	Violations []fieldViolation `json:"fieldViolations"`
}

type fieldViolation struct {
	Field       string `json:"field,omitempty"`
	Description string `json:"description"`
}

// fail writes an error answer; retryAfter in seconds goes with 429 and 503, where it is not 0.
func (f failure) write(response http.ResponseWriter, retryAfter int) {
	body := errorStatus{Code: f.code, Message: f.message, Status: f.status}
	if f.errorCode != "" {
		body.Details = []any{fcmError{"type.googleapis.com/google.firebase.fcm.v1.FcmError", f.errorCode}}
	}
	if retryAfter > 0 && (f.code == http.StatusTooManyRequests || f.code == http.StatusServiceUnavailable) {
		response.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	writeJSON(response, f.code, errorBody{body})
}

// writeInvalid answers a request that breaks the protocol's form.
func writeInvalid(response http.ResponseWriter, problem *violation) {
	writeJSON(response, http.StatusBadRequest, errorBody{errorStatus{
		Code: http.StatusBadRequest, Message: problem.text, Status: "INVALID_ARGUMENT",
		Details: []any{badRequest{
			"type.googleapis.com/google.rpc.BadRequest", []fieldViolation{{problem.field, problem.text}},
		}},
	}})
}

func writeJSON(response http.ResponseWriter, status int, body any) {
	response.Header().Set("Content-Type", "application/json; charset=UTF-8")
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(body) // a client that left is no concern of ours
}
