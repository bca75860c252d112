package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

const (
	defaultMaxBody = 64 << 10 // bytes
	headerKey      = "Idempotency-Key"
	headerPrefer   = "Prefer"
	typeJSON       = "application/json"
	typeMultipart  = "multipart/form-data"
	typeForm       = "application/x-www-form-urlencoded"
	typeProblem    = "application/problem+json"
	typeEvents     = "text/event-stream"
	typeOffset     = "application/offset+octet-stream" // bytes of an upload (tus)
)

// operation is one operation of the contract, as the guard needs it.
type operation struct {
	id         models.Operation
	method     string
	path       string // as in the contract; also the route in logs
	public     bool   // needs no token; what else it asks for, its handler looks at
	basic      bool   // takes a name and a password (RFC 7617), for its handler
	openQuery  bool   // x-open-query: parameters that nobody named are taken
	help       bool   // x-help: no stranger's bad tokens keep a good one from it
	byContent  bool   // x-repeats-by-content: what is sent again is known by what it says
	signed     bool   // x-signed: its handler checks a signature over the body as it was sent
	anonymous  bool   // x-anonymous: nothing is kept of who asks, see forget
	hides      bool   // x-hides: who asks may be about to hide, and is not named by what the gate refuses
	roles      []models.Role
	rate       *Rate  // x-rate-limit
	rateKey    string // person, device, door or address
	idempotent bool   // Idempotency-Key must be there
	keyed      bool   // Idempotency-Key may be there
	prefers    bool   // Prefer is looked at
	tus        bool   // x-tus: speaks the protocol of resumable uploads
	stream     bool   // answers with events while they come
	socket     bool   // of these, over a WebSocket
	maxBody    int    // bytes
	mediaType  string // of the body; "" when the operation has none
	form       bool   // what the query says may also come as a form in the body
	required   bool   // the body must be there
	body       *shape
	parameters []parameter
	queries    map[string]bool
	described  *openapi3.Operation
}

func (c *compiler) operation(method, path string, item *openapi3.PathItem, described *openapi3.Operation) (*operation, error) {
	made := &operation{
		id: models.Operation(described.OperationID), method: method, path: path,
		maxBody: defaultMaxBody, queries: map[string]bool{}, described: described,
	}
	made.public, made.basic = withoutToken(described.Security)
	if made.id == "" {
		return nil, fmt.Errorf("no operationId")
	}
	if err := made.readExtensions(described.Extensions); err != nil {
		return nil, err
	}
	for _, reference := range append(slices.Clone(item.Parameters), described.Parameters...) {
		if err := c.parameter(made, reference.Value); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", reference.Value.Name, err)
		}
	}
	if err := c.requestBody(made, described.RequestBody); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if answer := described.Responses.Status(http.StatusOK); answer != nil {
		_, made.stream = answer.Value.Content[typeEvents]
	}
	if described.Responses.Status(http.StatusSwitchingProtocols) != nil {
		made.stream, made.socket = true, true
	}
	switch {
	case made.public == (len(made.roles) > 0):
		return nil, fmt.Errorf("either x-roles or security: []")
	case made.idempotent && !made.keyed:
		return nil, fmt.Errorf("x-idempotent without the header %s", headerKey)
	case slices.Contains(made.roles, models.RoleReporter) != made.anonymous && !(made.public && made.anonymous):
		return nil, fmt.Errorf("x-anonymous goes with the role reporter, or with an operation that needs no token")
	case made.anonymous && len(made.roles) > 1:
		return nil, fmt.Errorf("x-anonymous is for no other role than reporter")
	}
	return made, nil
}

// basicScheme is the security scheme of apps that send a name and a password with every request.
const basicScheme = "tracker"

// withoutToken says whether an operation is open to callers without a token, and whether it asks them for a name
// and a password.
func withoutToken(security *openapi3.SecurityRequirements) (open, basic bool) {
	if security == nil {
		return false, false
	}
	for _, one := range *security {
		if _, named := one[basicScheme]; !named || len(one) != 1 {
			return false, false
		}
		basic = true
	}
	return true, basic
}

func (o *operation) readExtensions(extensions map[string]any) error {
	if roles, ok := extensions["x-roles"].([]any); ok {
		for _, role := range roles {
			o.roles = append(o.roles, models.Role(fmt.Sprint(role)))
		}
	}
	o.idempotent, _ = extensions["x-idempotent"].(bool)
	o.openQuery, _ = extensions["x-open-query"].(bool)
	o.help, _ = extensions["x-help"].(bool)
	o.tus, _ = extensions["x-tus"].(bool)
	o.byContent, _ = extensions["x-repeats-by-content"].(bool)
	o.signed, _ = extensions["x-signed"].(bool)
	o.anonymous, _ = extensions["x-anonymous"].(bool)
	o.hides, _ = extensions["x-hides"].(bool)
	if bytes, ok := extensions["x-max-body"]; ok {
		size, ok := bytes.(float64)
		if !ok || size < 1 {
			return fmt.Errorf("x-max-body %v", bytes)
		}
		o.maxBody = int(size)
	}
	limit, ok := extensions["x-rate-limit"].(map[string]any)
	if !ok {
		return nil
	}
	o.rateKey, _ = limit["key"].(string)
	perMinute, _ := limit["per_minute"].(float64)
	burst, _ := limit["burst"].(float64)
	if !slices.Contains([]string{"person", "device", "door", "address"}, o.rateKey) || perMinute <= 0 || burst < 1 {
		return fmt.Errorf("x-rate-limit %v", limit)
	}
	o.rate = &Rate{PerSecond: perMinute / time.Minute.Seconds(), Burst: int(burst)}
	return nil
}

func (c *compiler) requestBody(made *operation, reference *openapi3.RequestBodyRef) error {
	if reference == nil || reference.Value == nil {
		return nil
	}
	types := len(reference.Value.Content)
	if _, made.form = reference.Value.Content[typeForm]; made.form {
		types--
	}
	if types != 1 && (types != 0 || !made.form) {
		return fmt.Errorf("one content type, please")
	}
	made.required = reference.Value.Required
	for mediaType, content := range reference.Value.Content {
		if mediaType == typeForm {
			continue // read as the query
		}
		if mediaType != typeJSON && mediaType != typeMultipart && mediaType != typeOffset {
			return fmt.Errorf("content type %s", mediaType)
		}
		body, err := c.compile(content.Schema)
		if err != nil {
			return err
		}
		made.mediaType, made.body = mediaType, body
	}
	return nil
}
