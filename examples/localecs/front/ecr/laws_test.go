package ecr_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// pair is a tag of an image; of one without tags the tag is "".
type pair struct{ digest, tag string }

// naive is a repository as a list of pairs.
type naive []pair

func (n naive) without(drop func(pair) bool) naive { return slices.DeleteFunc(slices.Clone(n), drop) }

func (n naive) put(digest, tag string) naive {
	if tag == "" {
		return append(n, pair{digest, ""})
	}
	var had []string
	for _, p := range n {
		if p.tag == tag {
			had = append(had, p.digest)
		}
	}
	n = n.without(func(p pair) bool { return p.tag == tag || p.digest == digest && p.tag == "" })
	for _, d := range had { // the image that had the tag is there without it
		if !slices.ContainsFunc(n, func(p pair) bool { return p.digest == d }) && d != digest {
			n = append(n, pair{d, ""})
		}
	}
	return append(n, pair{digest, tag})
}

// A repository is a list of pairs of digest and tag, however images are put and deleted.
//
// Seen to fail: an image that stays when its last tag is deleted; a tag that its image keeps when another gets it.
func TestLaws(t *testing.T) {
	t.Run("E1_a_repository_is_its_pairs", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			w, list := newWorld(t), naive{}
			w.does("CreateRepository", m{"repositoryName": "web"})
			for range rapid.IntRange(1, 40).Draw(r, "steps") {
				text := manifest(rapid.IntRange(1, 3).Draw(r, "image"))
				id, tag := digest(text), rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "tag")
				there := slices.ContainsFunc(list, func(p pair) bool { return p.digest == id })
				tagged := slices.Contains(list, pair{id, tag})
				switch rapid.IntRange(0, 2).Draw(r, "act") {
				case 0:
					_, err := w.call("PutImage", m{"repositoryName": "web", "imageManifest": text, "imageTag": tag})
					refused := there && tag == "" || tag != "" && tagged
					require.Equal(r, refused, err != nil, "%v", err)
					if !refused {
						list = list.put(id, tag)
					}
				case 1:
					w.does("BatchDeleteImage", m{"repositoryName": "web", "imageIds": []m{{"imageDigest": id}}})
					list = list.without(func(p pair) bool { return p.digest == id })
				case 2:
					w.does("BatchDeleteImage", m{"repositoryName": "web", "imageIds": []m{{"imageTag": tag}}})
					if tag != "" {
						list = list.without(func(p pair) bool { return p.tag == tag })
					}
				}
				shown := naive{}
				for _, i := range w.does("ListImages", m{"repositoryName": "web"})["imageIds"].([]any) {
					tag, _ := i.(m)["imageTag"].(string)
					shown = append(shown, pair{i.(m)["imageDigest"].(string), tag})
				}
				require.ElementsMatch(r, list, shown)
			}
		})
	})
}
