# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit math/pca)
sinkscope_test(unit math/umap)
