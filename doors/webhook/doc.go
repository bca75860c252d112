// Package webhook opens doors of makers that have none of the other protocols: a signed HTTPS request, in the form
// of the Standard Webhooks specification. It imports doors and models and nothing else of ours.
package webhook
