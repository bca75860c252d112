// Package media makes photos clean and keeps them: it is the only package that decodes pictures
// and the only one that knows where their bytes lie. It imports models only.
package media
