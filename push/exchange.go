package push

import (
	"errors"
	"io"
	"net/http"
	"net/url"
)

// maxProviderAnswer bounds what is read of a provider's answer, in bytes.
const maxProviderAnswer = 64 << 10

// providerAnswer is what a provider said.
type providerAnswer struct {
	status int
	header http.Header
	body   []byte
}

// exchange makes one request and reads the answer. Its error never quotes the URL: secrets can stand in it.
func exchange(client *http.Client, request *http.Request) (providerAnswer, error) {
	response, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return providerAnswer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxProviderAnswer))
	return providerAnswer{response.StatusCode, response.Header, body}, err
}

// noRedirects keeps a client from following: a portal's redirect is not an answer of the provider's, and would lose the POST.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
