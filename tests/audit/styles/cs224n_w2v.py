#!/usr/bin/env python
import argparse
import numpy as np
import random

from utils.gradcheck import gradcheck_naive, grad_tests_softmax, grad_tests_negsamp
from utils.utils import normalizeRows, softmax

def softmax(x):
    """Compute the softmax function for each row of the input x."""
    orig_shape = x.shape
    if len(x.shape) > 1:
        tmp = np.max(x, axis=1)
        x = x - tmp.reshape((x.shape[0], 1))
        x = np.exp(x)
        tmp = np.sum(x, axis=1)
        x = x / tmp.reshape((x.shape[0], 1))
    else:
        tmp = np.max(x)
        x = x - tmp
        x = np.exp(x)
        tmp = np.sum(x)
        x = x / tmp
    assert x.shape == orig_shape
    return x

def sigmoid(x):
    s = 1 / (1 + np.exp(-x))
    return s

def naiveSoftmaxLossAndGradient(
    centerWordVec,
    outsideWordIdx,
    outsideVectors,
    dataset
):
    """ Naive Softmax loss & gradient function for word2vec models

    Arguments:
    centerWordVec -- numpy ndarray, center word's embedding
                    in shape (word vector length, )
    outsideWordIdx -- integer, the index of the outside word
    outsideVectors -- outside vectors is in shape (num words in vocab, word vector length)
    dataset -- needed for negative sampling, unused here.
    """
    y_hat = softmax(outsideVectors @ centerWordVec)
    loss = -np.log(y_hat[outsideWordIdx])
    delta = y_hat.copy()
    delta[outsideWordIdx] -= 1
    gradCenterVec = outsideVectors.T @ delta
    gradOutsideVecs = np.outer(delta, centerWordVec)
    return loss, gradCenterVec, gradOutsideVecs

def getNegativeSamples(outsideWordIdx, dataset, K):
    """ Samples K indexes which are not the outsideWordIdx """
    negSampleWordIndices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == outsideWordIdx:
            newidx = dataset.sampleTokenIdx()
        negSampleWordIndices[k] = newidx
    return negSampleWordIndices

def negSamplingLossAndGradient(
    centerWordVec,
    outsideWordIdx,
    outsideVectors,
    dataset,
    K=10
):
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)
    indices = [outsideWordIdx] + negSampleWordIndices

    gradOutsideVecs = np.zeros(outsideVectors.shape)
    gradCenterVec = np.zeros(centerWordVec.shape)
    loss = 0.0

    uo = outsideVectors[outsideWordIdx]
    z = sigmoid(np.dot(uo, centerWordVec))
    loss -= np.log(z)
    gradCenterVec += uo * (z - 1.0)
    gradOutsideVecs[outsideWordIdx] += centerWordVec * (z - 1.0)

    for k in negSampleWordIndices:
        uk = outsideVectors[k]
        z = sigmoid(-np.dot(uk, centerWordVec))
        loss -= np.log(z)
        gradCenterVec += uk * (1.0 - z)
        gradOutsideVecs[k] += centerWordVec * (1.0 - z)
    return loss, gradCenterVec, gradOutsideVecs
