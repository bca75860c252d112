package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Installations is the Channel to addresses that are Firebase installation ids instead of registration tokens. Firebase's
// v1 protocol has the field fid for them; the SDK has not, so it is put in on the way out.
func (f *Firebase) Installations() Channel { return installations{f} }

type installations struct{ firebase *Firebase }

// Send implements Channel.
func (i installations) Send(ctx context.Context, message Message) Outcome {
	return i.firebase.send(ctx, message, true)
}

// toInstallation turns a request to a token into one to an installation.
func toInstallation(request *http.Request) (*http.Request, error) {
	body, err := io.ReadAll(request.Body)
	_ = request.Body.Close()
	if err != nil {
		return nil, err
	}
	whole := map[string]json.RawMessage{}
	message := map[string]json.RawMessage{}
	if json.Unmarshal(body, &whole) != nil || json.Unmarshal(whole["message"], &message) != nil || message["token"] == nil {
		return nil, errors.New("push: firebase: the SDK writes messages in another way now")
	}
	message["fid"] = message["token"]
	delete(message, "token")
	if whole["message"], err = json.Marshal(message); err != nil {
		return nil, err
	}
	if body, err = json.Marshal(whole); err != nil {
		return nil, err
	}
	changed := request.Clone(request.Context())
	changed.Body, changed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	changed.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return changed, nil
}
